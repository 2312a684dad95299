"""What scripts/evaluate.py measures with: what labels mean, figures, targets, evasions, and how all of it is shown."""
