"""What sources share: the data set they return, downloads, stand-ins."""
