-- A small shop, owned by a role that nobody can log in as.
CREATE ROLE orders_owner NOLOGIN;
CREATE TABLE customers (
    id      integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    name    text NOT NULL,
    country text NOT NULL
);
CREATE TABLE orders (
    id          integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    customer_id integer NOT NULL REFERENCES customers (id),
    item        text NOT NULL,
    amount_cent integer NOT NULL CHECK (amount_cent > 0),
    ordered_on  date NOT NULL
);
INSERT INTO customers (name, country) VALUES
    ('Ada Lindqvist', 'SE'), ('Bram de Vries', 'NL'), ('Chiara Conti', 'IT'), ('Dmitri Ozols', 'LV');
INSERT INTO orders (customer_id, item, amount_cent, ordered_on) VALUES
    (1, 'brass padlock', 2490, '2026-03-02'), (1, 'spare key', 350, '2026-03-02'), (2, 'wall safe', 18900, '2026-03-09'),
    (3, 'door chain', 1290, '2026-04-17'), (3, 'wall safe', 18900, '2026-05-21'), (4, 'key cabinet', 7450, '2026-06-30');
ALTER TABLE customers OWNER TO orders_owner;
ALTER TABLE orders OWNER TO orders_owner;

-- What a database administrator gives the role that issues short-lived roles: it may make roles, and pass these on.
-- It has no password yet, so nobody can log in as it.
CREATE ROLE vault_admin LOGIN CREATEROLE;
GRANT CONNECT ON DATABASE orders TO vault_admin WITH GRANT OPTION;
GRANT USAGE, CREATE ON SCHEMA public TO vault_admin WITH GRANT OPTION;
GRANT ALL ON ALL TABLES IN SCHEMA public TO vault_admin WITH GRANT OPTION;
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO vault_admin WITH GRANT OPTION;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO vault_admin WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE orders_owner IN SCHEMA public GRANT ALL ON TABLES TO vault_admin WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE orders_owner IN SCHEMA public GRANT ALL ON SEQUENCES TO vault_admin WITH GRANT OPTION;
