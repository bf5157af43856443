package backup

const childVariable = "SALLYPORT_TEST_BACKUP_CHILD"

func child(string) error { return nil }
