"""What happens in a month: encounters, orders, medicines, fees, settlements, public health. Each writes its own feeds."""
