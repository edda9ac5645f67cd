"""技术性收入核定 on pages: receipts declared by the applicant, verified by the office."""
