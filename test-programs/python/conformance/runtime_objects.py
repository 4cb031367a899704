# The object model through the runtime: special methods, attributes, exceptions, iteration by user classes.
class A:
    x = 1
    def __init__(self, a, b=2): self.a=a; self.b=b
    def m(self): return self.a+self.b
    def __repr__(self): return f"A({self.a},{self.b})"
    def __eq__(self, o): return isinstance(o,A) and self.a==o.a
    def __hash__(self): return hash(self.a)
    def __lt__(self,o): return self.a<o.a
    def __add__(self,o): return A(self.a+(o.a if isinstance(o,A) else o))
    def __radd__(self,o): return A(o+self.a)
    def __iadd__(self,o): self.a+=o; return self
    def __len__(self): return 3
    def __getitem__(self,i):
        if i>=3: raise IndexError(i)
        return self.a*i
    def __contains__(self,x): return x==self.a
    def __call__(self,*a,**k): return (a,sorted(k.items()))
    def __bool__(self): return self.a!=0
    def __neg__(self): return A(-self.a)
    def __str__(self): return "strA"
    @property
    def p(self): return self.a*10
    @p.setter
    def p(self,v): self.a=v//10
    @staticmethod
    def s(x): return x+1
    @classmethod
    def c(cls,x): return cls(x)
class B(A):
    def __init__(self,a): super().__init__(a,5); self.z=1
    def m(self): return super().m()*2
a=A(1); b=B(2)
print(a,repr(a),[a,b],a.m(),b.m(),a==A(1),a!=A(2),{a:1}[A(1)],sorted([A(3),A(1)]),a+b,a+5,5+a,len(a),a[2],list(a),1 in a,a(1,k=2),bool(A(0)),-a,a.p,A.s(1),B.c(4),b.z,A.x,a.x,isinstance(b,A),type(b).__name__,B.__mro__, B.__bases__)
a.p=50; print(a.p,a.a); a+=3; print(repr(a)); a.new=5; print(a.new, a.__dict__, hasattr(a,"q"), getattr(a,"q",7)); setattr(a,"q",1); print(a.q); del a.q; print(hasattr(a,"q")); A.x=9; print(b.x, a.x); a.x=3; print(a.x,A.x)
class E(Exception):
    def __init__(self,code): super().__init__("code %d"%code); self.code=code
try: raise E(5)
except E as e: print(e, e.code, repr(e), e.args)
try: raise ValueError("a","b")
except ValueError as e: print(e, repr(e))
try: raise KeyError("k")
except KeyError as e: print(e, repr(e))
try:
    try: 1/0
    except ZeroDivisionError as e: raise RuntimeError("x") from e
except RuntimeError as e: print(repr(e.__cause__), e.__context__ is e.__cause__)
try: a.nothere
except AttributeError as e: print(e)
try: A()
except TypeError as e: print(e)
try: A(1,2,3)
except TypeError as e: print(e)
try: object().x=1
except AttributeError as e: print(e)
class C: pass
c=C(); c.x=1
for i in range(40): setattr(c,"a%d"%i,i)
print(c.a39,c.a3,c.x,len(c.__dict__)); del c.a5; print(hasattr(c,"a5"),c.a6,c.a39)
c2=C(); c2.y=5; print(c2.__dict__)
class D:
    def __getattr__(self,n): return n.upper()
    def __setattr__(self,n,v): object.__setattr__(self,n,v*2)
d=D(); d.q=5; print(d.q,d.foo)
class It:
    def __init__(self,n): self.n=n
    def __iter__(self): return self
    def __next__(self):
        if self.n<=0: raise StopIteration
        self.n-=1; return self.n
print(list(It(4)), sum(It(4)), max(It(3)), tuple(It(2)), sorted(It(3)), 2 in It(5), [*It(2)], dict.fromkeys(It(2)), set(It(3)), "".join(str(i) for i in It(3)))
def gen(n):
    for i in range(n): yield i*i
print(list(gen(5)), sum(gen(4)), list(zip(gen(3),gen(3))), any(x>3 for x in gen(4)), dict((i,i) for i in gen(3)), list(map(str,gen(3))), sorted(gen(4),reverse=True), max(gen(4),key=lambda v:-v), list(enumerate(gen(2))), [*gen(2)], list(filter(lambda v:v,gen(3))))
class K:
    def __init__(s,v): s.v=v
    def __eq__(s,o): return s.v==o.v
try: {K(1):1}
except TypeError as e: print(e)
class P:
    def __init__(s,v): s.v=v
print(len({P(1),P(1)}), P(1)==P(1))
p=P(3); dd={p:"x"}; print(dd[p])
class V:
    __slots__=("x","y")
    def __init__(s,x,y): s.x=x; s.y=y
v=V(1,2); print(v.x+v.y)
class M1:
    def f(s): return "M1"
class M2:
    def f(s): return "M2"+ super().f() if hasattr(super(),"f") else "M2"
class MM(M2,M1): pass
print(MM().f(), [k.__name__ for k in MM.__mro__])
class Cmp:
    def __init__(s,v): s.v=v
    def __lt__(s,o): return s.v<o.v
    def __repr__(s): return f"Cmp({s.v})"
print(sorted([Cmp(3),Cmp(1),Cmp(2)]), min(Cmp(3),Cmp(1)), max([Cmp(3),Cmp(1)]), Cmp(1)>Cmp(0))
print(type(a) is A, a.__class__, A.__name__, print.__name__, (lambda:1).__name__, A.m.__qualname__, str(type(a)), callable(a), callable(5), id(a)==id(a))
class F:
    def __format__(s,spec): return "F<"+spec+">"
print(f"{F():abc}", format(F(),"x"), "{:q}".format(F()))
class I:
    def __index__(s): return 2
print([1,2,3][I()], "abc"[I()], range(I()), hex(I()))
class Ctx:
    def __enter__(s): print("enter"); return 5
    def __exit__(s,*a): print("exit",a[0]); return True
with Ctx() as c: print(c); raise ValueError
print(isinstance(ValueError(),Exception), issubclass(KeyError,LookupError), Exception("a").args, str(Exception()), str(OSError(2,"No such file")), repr(StopIteration(3)))
try: open("/nonexistent/file")
except FileNotFoundError as e: print(e, e.errno)
import sys
print("err", file=sys.stderr); sys.stdout.write("w\n"); print("a","b",sep="-",end="!\n"); print(*[1,2],sep=""); print()
T = type("T",(A,),{"k":5}); print(T(1).k, T.__name__)
def fa(): pass
fa.attr=3; print(fa.attr, fa.__name__, fa.__dict__)
