"""Events of the bucket: one module reads each provider's form, `admission` acts on them. Owns no import."""
