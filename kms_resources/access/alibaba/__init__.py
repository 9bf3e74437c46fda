"""Alibaba Cloud: key policies, RAM policies and application access points."""
