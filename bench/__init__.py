"""Speed and memory: invented files, and what is measured with them. No part of the product."""
