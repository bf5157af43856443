package services

// skuConsumption is the SKU that has no units.
const skuConsumption = "Consumption"
