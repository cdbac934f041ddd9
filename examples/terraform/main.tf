# The role of one service account, by EKS Pod Identity, or by IRSA where oidc_provider_arn is given: that of the
# lookout (lookout.tfvars), or of an app whose sidecars look for themselves. The policy is that of
# ../iam/policy.json, which ../iam/README.md explains.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.29"
    }
  }
}

data "aws_iam_policy_document" "draingate" {
  statement {
    sid       = "Needed"
    actions   = ["elasticloadbalancing:DescribeTargetHealth"]
    resources = ["*"]
  }

  statement {
    sid = "DeregistrationDelayAndKindOfLoadBalancer"
    actions = [
      "elasticloadbalancing:DescribeTargetGroupAttributes",
      "elasticloadbalancing:DescribeTargetGroups",
    ]
    resources = ["*"]
  }
}

locals {
  irsa = var.oidc_provider_arn != null
  # arn:aws:iam::ACCOUNT:oidc-provider/ISSUER
  issuer = local.irsa ? split("oidc-provider/", var.oidc_provider_arn)[1] : ""
}

data "aws_iam_policy_document" "trust" {
  dynamic "statement" {
    for_each = local.irsa ? [] : [0]
    content {
      actions = ["sts:AssumeRole", "sts:TagSession"]
      principals {
        type        = "Service"
        identifiers = ["pods.eks.amazonaws.com"]
      }
      condition {
        test     = "StringEquals"
        variable = "aws:RequestTag/kubernetes-namespace"
        values   = [var.namespace]
      }
      condition {
        test     = "StringEquals"
        variable = "aws:RequestTag/kubernetes-service-account"
        values   = [var.service_account]
      }
    }
  }

  dynamic "statement" {
    for_each = local.irsa ? [0] : []
    content {
      actions = ["sts:AssumeRoleWithWebIdentity"]
      principals {
        type        = "Federated"
        identifiers = [var.oidc_provider_arn]
      }
      condition {
        test     = "StringEquals"
        variable = "${local.issuer}:aud"
        values   = ["sts.amazonaws.com"]
      }
      condition {
        test     = "StringEquals"
        variable = "${local.issuer}:sub"
        values   = ["system:serviceaccount:${var.namespace}:${var.service_account}"]
      }
    }
  }
}

resource "aws_iam_role" "draingate" {
  name               = var.role_name
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "draingate" {
  name   = "draingate"
  role   = aws_iam_role.draingate.id
  policy = data.aws_iam_policy_document.draingate.json
}

resource "aws_eks_pod_identity_association" "draingate" {
  count           = local.irsa ? 0 : 1
  cluster_name    = var.cluster_name
  namespace       = var.namespace
  service_account = var.service_account
  role_arn        = aws_iam_role.draingate.arn
}

# For IRSA: the chart's lookout.serviceAccount.roleArn, or serviceAccount.roleArn.
output "role_arn" {
  value = aws_iam_role.draingate.arn
}
