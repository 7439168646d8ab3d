"""Places an order with Python's own XML-RPC client: URL of /RPC2, and the domain's label."""

import base64
import sys
import xmlrpc.client

url, label = sys.argv[1:]
params = [1]                                                          # VendorAccountID
params += [2, "20=36=0=-1", "5=1=1=0"]                                # hosting, and the domain with it
params += [8, 0, 1, "DomainID=" + label,                              # provisioning parameters
           1, 3, "OrderOperationType=10", "DomainID=" + label, "TransferKey="]
contact = ["LoginID=jane@shop.example", "PasswordID=a-long-pass-phrase", "CurrencyID=EUR",
           "FirstNameID=Jane", "LastNameID=Example", "AddressID=1 Main Street", "CityID=Sampleton",
           "ZipID=10001", "CountryID=us", "StateID=NY", "EmailID=jane@shop.example",
           "PhoneCountryID=1", "PhoneAreaID=212", "PhoneNumberID=5550100"]
params += [len(contact), *contact]
params += [2, "PayToolID=3", "IPAddressID=192.0.2.10"]
params += [0]                                                         # no additional contacts

try:
    reply = xmlrpc.client.ServerProxy(url).Execute(
        {"Server": "BM", "Method": "PlaceOrderAndAuthorize_API", "Params": params})
except xmlrpc.client.Fault as fault:
    text = base64.b64decode(fault.faultString).decode()
    sys.exit(f"fault {fault.faultCode}: {text}")
result = reply["Result"][0]
print("account", result[0], "order id", result[1], "login", result[2], "order", result[10])
