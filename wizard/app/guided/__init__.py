"""The guided way as a state machine: where somebody is is a value, and so is the step that comes next.

:class:`~wizard.app.guided.machine.Guide` says what comes next and takes what was answered. Whoever talks to the person
draws the steps and does the work between them (:mod:`wizard.app.guided.work`).
"""
