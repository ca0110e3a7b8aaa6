-- What an operator marks after Kafka's topics were lost.
insert into dirty_key (topic, key, stamp)
select topic, 'aaaaaaaaaaaaaaaaaaaaaaaa' || chr(97 + a) || chr(97 + b) || suffix, nextval('dirty_seq')
from (values ('TORRENTS', ''), ('SLICES', '/0')) as topics (topic, suffix), generate_series(0, 7) as a, generate_series(0, 7) as b;
