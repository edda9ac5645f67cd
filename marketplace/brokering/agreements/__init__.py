"""中介协议: what the broker receives, from whom, on what condition; and the commission that falls due."""
