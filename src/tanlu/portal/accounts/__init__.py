"""Pages and addresses of accounts by firms, parks and prefectures."""
