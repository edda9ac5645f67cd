"""技术合同认定登记证明 and 登记清单: what proves a registration, and how anybody verifies it."""
