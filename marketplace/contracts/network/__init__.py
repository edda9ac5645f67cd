"""The network of registration points on pages: directory, staff, workload, targets."""
