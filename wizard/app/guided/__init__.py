"""The guided way as a state machine: the current place is a value, and so is the next step.

:class:`~wizard.app.guided.machine.Guide` says what comes next and takes the answers. The part that talks to the person
draws the steps and does the work between them (:mod:`wizard.app.guided.work`).
"""
