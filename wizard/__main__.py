"""``python -m wizard`` is the command ``mail-wizard``."""

from wizard import interruption

interruption.install()  # before anything else is imported, which takes longer than all the rest of a short run

from wizard.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
