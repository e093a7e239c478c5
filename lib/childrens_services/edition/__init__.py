"""An edition: parameters, notebooks run, pages, workbook, tables, report."""
