"""Notices of joint use."""
