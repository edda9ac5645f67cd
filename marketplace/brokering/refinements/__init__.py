"""完善需求: what a need leaves open as questions, and the answers as changes that its owner accepts."""
