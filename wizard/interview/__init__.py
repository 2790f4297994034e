"""Floor 1: asks. Questions, answers with where they come from, prompters, and the way back."""
