"""A package a noun: its endpoints, schemas, forms and pages, what of these it has.

Routers of endpoints are connected in `api.server.application`, those of pages in `page_routers`.
Who may call an endpoint stands in its guard. What a noun may know of another one is listed in the
import contracts.
"""
