output "bucket" {
  description = "PERSONAS_S3_BUCKET; PERSONAS_S3_ENDPOINT_URL is `aws`."
  value       = aws_s3_bucket.personas.bucket
}

output "events_queue_url" {
  description = "PERSONAS_EVENTS_QUEUE_URL."
  value       = aws_sqs_queue.uploads.url
}

output "unsettled_queue_url" {
  description = "Where events end that could not be settled."
  value       = aws_sqs_queue.unsettled.url
}

output "workers_policy_arn" {
  description = "To be attached to the role of the processes."
  value       = aws_iam_policy.workers.arn
}
