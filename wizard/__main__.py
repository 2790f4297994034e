"""``python -m wizard`` is the command ``mail-wizard``."""

from wizard.cli import main

if __name__ == "__main__":
    main()
