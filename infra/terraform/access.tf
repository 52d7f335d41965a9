# What the product's own processes may do, to be attached to the role that they run under.

data "aws_iam_policy_document" "workers" {
  statement {
    sid       = "ListBucket"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.personas.arn]
  }

  # Uploads come from outside and from the command line; the product itself never deletes one.
  statement {
    sid       = "ReadAndPutUploads"
    actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
    resources = ["${aws_s3_bucket.personas.arn}/uploads/*"]
  }

  statement {
    sid       = "OwnPartFiles"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    resources = ["${aws_s3_bucket.personas.arn}/imports/*"]
  }

  statement {
    sid       = "TakeEvents"
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage"]
    resources = [aws_sqs_queue.uploads.arn]
  }
}

resource "aws_iam_policy" "workers" {
  name        = "${var.queue}-workers"
  description = "Reads uploads, keeps part files, takes bucket events."
  policy      = data.aws_iam_policy_document.workers.json
  tags        = var.tags
}
