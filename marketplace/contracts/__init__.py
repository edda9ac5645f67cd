"""Recognition and registration of technical contracts 技术合同认定登记."""
