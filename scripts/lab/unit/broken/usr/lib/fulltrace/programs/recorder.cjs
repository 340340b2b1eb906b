#!/bin/sh
# An update that was built wrong: its recorder does not run.
exit 1
