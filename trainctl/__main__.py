"""`python -m trainctl` is the same program as `trainctl`."""

from trainctl.cli.app import main

if __name__ == "__main__":
    main()
