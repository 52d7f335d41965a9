variable "bucket" {
  description = "Name of the bucket; PERSONAS_S3_BUCKET."
  type        = string
}

variable "queue" {
  description = "Name of the queue for bucket events; other names are made from it."
  type        = string
  default     = "personas-uploads"
}

variable "upload_days" {
  description = "Days after which an uploaded file is deleted."
  type        = number
  default     = 30
}

variable "alarm_actions" {
  description = "ARNs to tell when an event could not be settled."
  type        = list(string)
  default     = []
}

variable "tags" {
  description = "Tags of everything made here."
  type        = map(string)
  default     = {}
}
