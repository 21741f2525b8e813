"""Evidence: what an auditor can check without trusting this program, its database or its people."""
