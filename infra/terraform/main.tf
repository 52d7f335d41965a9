# The bucket, and the way by which it tells of new files: S3 -> SQS -> `personas consumer`. Owns no servers.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

data "aws_caller_identity" "current" {}

resource "aws_s3_bucket" "personas" {
  bucket = var.bucket
  tags   = var.tags
}

resource "aws_s3_bucket_public_access_block" "personas" {
  bucket                  = aws_s3_bucket.personas.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# Two writes to one key at the same moment may be told as one; with versions, none of the two is lost.
resource "aws_s3_bucket_versioning" "personas" {
  bucket = aws_s3_bucket.personas.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "personas" {
  bucket = aws_s3_bucket.personas.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

# Uploads hold people's data: they go after a while, their old versions and unfinished parts sooner.
resource "aws_s3_bucket_lifecycle_configuration" "personas" {
  depends_on = [aws_s3_bucket_versioning.personas]
  bucket     = aws_s3_bucket.personas.id

  rule {
    id     = "uploads"
    status = "Enabled"
    filter {
      prefix = "uploads/"
    }
    expiration {
      days = var.upload_days
    }
  }

  rule {
    id     = "leftovers"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days = 7
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 2
    }
  }
}

data "aws_iam_policy_document" "encrypted_only" {
  statement {
    sid       = "RefuseUnencryptedTransport"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.personas.arn, "${aws_s3_bucket.personas.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "personas" {
  bucket = aws_s3_bucket.personas.id
  policy = data.aws_iam_policy_document.encrypted_only.json
}
