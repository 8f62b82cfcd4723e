"""The post office: what leaves by mail, when, by which way, and what is known of it afterwards."""
