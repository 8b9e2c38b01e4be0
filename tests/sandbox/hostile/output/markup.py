"""Markup, scripts and templates as output.

ends: succeeded
says: ["<script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}${7*7}<!--"]
"""

print("<script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}${7*7}<!--")
