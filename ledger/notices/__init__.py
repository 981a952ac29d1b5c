"""Notices of joint use, and the days from which their versions count."""
