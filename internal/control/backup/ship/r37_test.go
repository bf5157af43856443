package ship

const childVariable = "SALLYPORT_TEST_SHIP"

func child(string) int { return 0 }
