"""WHEN things happen: Prefect only. What happens, and why, is behind App.

Reading and proposing may be tried again. Sending is claimed once by the executor and is never a retried task.
"""
