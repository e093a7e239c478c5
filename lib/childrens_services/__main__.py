"""`python -m childrens_services` is the command `childrens-services`."""

from childrens_services.cli import main

main(prog_name="childrens-services")
