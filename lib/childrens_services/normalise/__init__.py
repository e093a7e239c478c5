"""Published files to tidy tables: one module a family of files, and the build."""
