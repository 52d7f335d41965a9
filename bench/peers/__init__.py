"""What a user could run instead, each as its own documentation has it, in an environment of its own."""
