"""`python -m deploy.container.browser_files`: static/vendor from node_modules, without the rest of the checkout's set-up."""

from deploy.checkout.browser_files import copy
from deploy.checkout.places import MODULES, VENDOR

if __name__ == "__main__":
    copy(MODULES, VENDOR)
