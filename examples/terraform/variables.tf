variable "cluster_name" {
  description = "The EKS cluster. Pod Identity needs its add-on, the EKS Pod Identity Agent."
  type        = string
}

variable "namespace" {
  description = "The namespace of the pods."
  type        = string
}

variable "service_account" {
  description = "The service account of the pods."
  type        = string
}

variable "role_name" {
  description = "What the role is called."
  type        = string
  default     = "web-draingate"
}

variable "oidc_provider_arn" {
  description = "For IRSA: the cluster's IAM OIDC provider. Null for EKS Pod Identity."
  type        = string
  default     = null
}
