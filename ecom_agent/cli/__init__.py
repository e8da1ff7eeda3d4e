"""The command line: one file per verb. Answers go to stdout, progress and logs to stderr.

Exit codes: 0 done, 1 the answer is no or the work failed, 2 wrong usage, input or settings.
"""
