# The queue that the bucket tells, and the one for what nobody could settle.

resource "aws_sqs_queue" "unsettled" {
  name                      = "${var.queue}-unsettled"
  message_retention_seconds = 1209600 # 14 days, the longest there is
  sqs_managed_sse_enabled   = true
  tags                      = var.tags
}

resource "aws_sqs_queue" "uploads" {
  name = var.queue
  # A batch of ten takes less than a second; a consumer that died in the middle is made up for after this time.
  visibility_timeout_seconds = 60
  receive_wait_time_seconds  = 20
  message_retention_seconds  = 345600 # 4 days: a weekend without a consumer loses nothing
  sqs_managed_sse_enabled    = true
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.unsettled.arn
    maxReceiveCount     = 5
  })
  tags = var.tags
}

resource "aws_sqs_queue_redrive_allow_policy" "unsettled" {
  queue_url = aws_sqs_queue.unsettled.id
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.uploads.arn]
  })
}

# Only this bucket of this account may put messages in.
data "aws_iam_policy_document" "bucket_tells_queue" {
  statement {
    sid       = "BucketTellsQueue"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.uploads.arn]
    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_s3_bucket.personas.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_sqs_queue_policy" "uploads" {
  queue_url = aws_sqs_queue.uploads.id
  policy    = data.aws_iam_policy_document.bucket_tells_queue.json
}

resource "aws_s3_bucket_notification" "uploads" {
  depends_on = [aws_sqs_queue_policy.uploads]
  bucket     = aws_s3_bucket.personas.id

  queue {
    id            = "uploads"
    queue_arn     = aws_sqs_queue.uploads.arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = "uploads/"
  }
}

resource "aws_cloudwatch_metric_alarm" "unsettled" {
  alarm_name          = "${var.queue}-unsettled"
  alarm_description   = "Bucket events that could not be settled in five tries."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.unsettled.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  tags                = var.tags
}
