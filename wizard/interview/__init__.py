"""The interview as values: questions, answers with their origin, steps, and the way back."""
