"""Builders: the smallest true thing of each kind. Tests say only what matters to them.

They write with the product's own commands where there is one. All of them need an application context (`house` or `committed`)
and bind the authority they write for.
"""
