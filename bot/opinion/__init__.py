"""A second opinion on doubtful cases, from a model of the company's choice: one voice for reviewers, and never more.

Off unless the company names an endpoint. What is asked is masked, what is answered is as little trusted as the message.
"""
