"""Pages of notices of joint use."""
