package frames

import "testing"

// BenchmarkRead reads a domain, and BenchmarkWrite writes a registration.
func BenchmarkRead(b *testing.B) {
	frame := response("1000", `<resData><domain:infData`+domainNS+`><domain:name>a.example</domain:name><domain:roid>D1-X</domain:roid><domain:status s="ok"/>`+
		`<domain:registrant>R1</domain:registrant><domain:contact type="admin">A1</domain:contact><domain:contact type="tech">T1</domain:contact>`+
		`<domain:ns><domain:hostObj>ns1.dns.example</domain:hostObj><domain:hostObj>ns2.dns.example</domain:hostObj></domain:ns><domain:clID>us</domain:clID>`+
		`<domain:crDate>2026-01-02T03:04:05.0Z</domain:crDate><domain:exDate>2027-01-02T03:04:05.0Z</domain:exDate></domain:infData></resData>`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(frame); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	command, menu := commands()[2], everything()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Write(command, menu, "CL-1"); err != nil {
			b.Fatal(err)
		}
	}
}
