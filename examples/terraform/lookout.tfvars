# The role of the lookout: terraform apply -var-file lookout.tfvars
cluster_name    = "prod"
namespace       = "draingate"
service_account = "draingate-lookout"
role_name       = "draingate-lookout"
