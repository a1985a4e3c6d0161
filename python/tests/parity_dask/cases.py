"""Expressions that NumPy, Dask and Dusk all understand, over arrays cut in odd ways.

``xp`` is numpy, dask.array or dusk.array; the other names are the arrays of `INPUTS`. The module
imports NumPy only, so that the generator beside it can run where Dusk does not exist.
"""

# ruff: noqa: E501

from __future__ import annotations

from typing import Any

import numpy as np


def _inputs() -> dict[str, tuple[np.ndarray, Any]]:
    rng = np.random.default_rng(20)
    gaps = rng.normal(size=(7, 11))
    gaps[rng.random((7, 11)) < 0.3] = np.nan
    gaps[2] = np.nan
    return {
        "v": (rng.normal(size=13), (4,)),
        "w": (rng.integers(-9, 9, 13), (5,)),
        "m": (rng.normal(size=(7, 11)), (3, 4)),
        "k": (rng.integers(-5, 5, (7, 11)).astype("i4"), ((1, 2, 4), (11,))),
        "b": (rng.random((7, 11)) < 0.4, (7, 2)),
        "c": (rng.normal(size=(5, 3)) + 1j * rng.normal(size=(5, 3)), (2, 3)),
        "t": (rng.normal(size=(4, 5, 6)).astype("f4"), (2, 2, 5)),
        "n": (gaps, (2, 11)),
        "u": (rng.integers(0, 200, 9).astype("u1"), (2,)),
        "h": (rng.normal(size=6).astype("f2"), (4,)),
        "d": (np.datetime64("2024-02-27") + np.arange(8).astype("m8[D]"), (3,)),
        "z": (np.array(3), ()),
        "e": (np.empty((0, 3)), (1, 2)),
        "r": (rng.normal(size=(1, 11)), (1, 6)),
        "q": (rng.integers(1, 9, (7, 1)), (2, 1)),
        "p": (np.array([True, False] * 6 + [True]), (6,)),
        "f": (rng.integers(0, 4, (6, 4)), ((2, 3, 1), (1, 3))),
    }


INPUTS = _inputs()

_UNARY = """
abs absolute angle arcsinh arctan cbrt ceil conj cos cosh deg2rad degrees exp exp2 expm1 fabs floor
isfinite isinf isnan logical_not negative positive rad2deg radians rint sign signbit sin sinh
square tan tanh trunc sinc nan_to_num real imag iscomplex isreal isneginf isposinf fix spacing i0
""".split()
_POSITIVE = "log log2 log10 log1p sqrt reciprocal arccosh".split()
_BINARY = """
add subtract multiply divide true_divide maximum minimum fmax fmin hypot copysign arctan2 greater
greater_equal less less_equal equal not_equal logaddexp logaddexp2 logical_and logical_or
logical_xor nextafter fmod mod remainder floor_divide
""".split()
_INTEGER = "bitwise_and bitwise_or bitwise_xor".split()
_REDUCE = "sum prod min max mean var std any all argmin argmax".split()
_NANREDUCE = "nansum nanprod nanmin nanmax nanmean nanvar nanstd".split()

_INDEXING = """
v[3] v[-1] v[2:9] v[::-1] v[::3] v[10:2:-3] v[5:5] v[...] v[None] v[:,None] v[[1,5,5,-2]]
v[[12,0,3]] v[p] v[v>0] m[2] m[-1,3] m[1:6,2:9] m[:,::-2] m[...,4] m[None,2,None] m[:,[3,1,10]]
m[[0,6,3]] m[[0,6,3],2:5] m[2,[1,2]] m[::2,::3] m[m>0] m[b] m[:,1] m[3:3] t[1] t[:,2] t[...,0]
t[1,:,::-1] t[:,None,2:4] t[:,:,[5,0]] t[0,0,0] z[...] z[None] z[()] e[:,1] e[0:0] u[1:8:2]
d[2:6] d[::-1] q[:,0] r[0] k[-3:] k[:,-1] c[1:,::2] m[np.array([1,2])] v[np.arange(13)%3==0]
m[np.array([True,False]*3+[True])] m[:,np.arange(11)%2==0] m[slice(None,4)] t[-1,-1,-1]
""".split()

_SHAPING = """
m.T t.T xp.transpose(t,(1,2,0)) t.transpose(2,0,1) xp.swapaxes(t,0,2) t.swapaxes(0,1)
xp.moveaxis(t,0,-1) xp.moveaxis(t,(0,1),(2,0)) xp.rollaxis(t,2) xp.rollaxis(t,0,3)
xp.expand_dims(m,0) xp.expand_dims(m,(0,2)) xp.squeeze(r) r.squeeze(0) xp.squeeze(q,axis=1)
xp.ravel(m) m.ravel() m.flatten() m.reshape(77) m.reshape(-1) m.reshape((11,7)) m.reshape(7,-1)
t.reshape(4,30) t.reshape(20,6) t.reshape(2,2,5,6) t.reshape((120,)) v.reshape(13,1) v.reshape(1,13)
xp.broadcast_to(r,(7,11)) xp.broadcast_to(v,(2,13)) xp.broadcast_to(q,(3,7,5)) xp.atleast_1d(z)
xp.atleast_2d(v) xp.atleast_3d(v) xp.atleast_3d(m) xp.flip(m) xp.flip(m,0) xp.flip(t,(0,2))
xp.flipud(m) xp.fliplr(m) xp.rot90(m) xp.rot90(m,2) xp.rot90(m,3) xp.rot90(t,1,(1,2)) xp.roll(v,3)
xp.roll(m,2) xp.roll(m,-1,axis=0) xp.roll(m,(1,2),axis=(0,1)) e.reshape(3,0) e.T e.ravel()
""".split()

_JOINING = """
xp.concatenate([m,m]) xp.concatenate([m,k]) xp.concatenate([m,q],axis=1) xp.concatenate([v,u])
xp.concatenate([m,n],axis=-1) xp.concatenate([m,k],axis=None) xp.stack([v,w]) xp.stack([m,k],axis=1)
xp.stack([m,n,b],axis=-1) xp.vstack([v,w]) xp.vstack([m,r]) xp.hstack([v,u]) xp.hstack([m,q])
xp.dstack([m,k]) xp.dstack([v,w]) xp.block([[m,q],[r,xp.ones((1,1))]]) xp.append(v,u)
xp.append(m,r,axis=0) xp.concatenate([u,h]) xp.concatenate([e,e]) xp.repeat(m,2,axis=0)
xp.repeat(v,3) xp.tile(v,2) xp.tile(m,(2,1)) xp.tile(v,(2,2))
""".split()

_ARITHMETIC = """
m+k m-k m*2 2*m m/2 2/m m//2 7//q m%3 k%3 k//2 2**k.astype(float) k**2 m**2 m**0.5*0 -m +k abs(k)
~b ~k b&b b|(m>0) b^(k>0) k&3 k|1 k^2 w<<1 w>>1 1<<q m>0 m<=k m==m k!=0 r+q r*m q-r v+w u+u u*2
u+1 u*1.5 u/u.max() h+1 h*2.5 h+h.astype('f4') t+1 t*2.0 t+t.astype('f8') c+1 c*c c/2 c==c d-d[0]
d==d d<d[4] d+np.timedelta64(1,'D') b+b b*2 b+1 b/2 z+1 z*2.5 v+z e+1 e*e v+1j u-300+300
m+np.float32(1) u+np.int16(1) h+np.float64(1) 3-k 1.5-v divmod(k,3)[0] divmod(k,3)[1] (m>0)&(m<1)
m.real c.real c.imag m.imag c.conj() k.astype('f4') m.astype('i8') b.astype('i1') m.astype(bool)
c.astype('c8') u.astype('f2') d.astype('i8') m.astype(str) w.astype('m8[s]') k.astype(object)
m.clip(-1,1) k.clip(0,3) m.round(2) xp.round(m,1) xp.clip(m,-0.5,0.5) xp.clip(k,None,2)
xp.clip(u,10,100) xp.where(m>0,m,k) xp.where(b,1,0) xp.where(b,m,0) xp.where(m>0,r,q)
xp.where(b,k,1.5) xp.isclose(m,m+1e-9) xp.allclose(m,m) xp.around(v,1) np.add(m,1) np.exp(m)
np.maximum(m,k) np.sum(m) np.sum(m,axis=0) np.mean(m,axis=1) np.concatenate([v,u]) np.where(b,m,k)
np.add.outer(v,w) np.transpose(m) np.clip(m,0,1) np.add.reduce(m) xp.add.outer(u,w) np.std(t)
xp.modf(v)[0] xp.modf(v)[1] xp.frexp(v)[0] xp.frexp(v)[1] xp.divmod(w,4)[0] xp.ldexp(v,w)
xp.isnan(n) xp.float_power(abs(m),2) xp.left_shift(w,2) xp.right_shift(w,1) xp.invert(k)
xp.power(k,2) xp.power(m,2.0) xp.copysign(m,k) xp.bitwise_not(k) xp.trunc(v*3)
""".split()

_OTHER = """
xp.count_nonzero(k) xp.count_nonzero(k,axis=0) xp.ptp(m) xp.ptp(m,axis=1) xp.cumsum(v) v.cumsum()
xp.cumsum(m,axis=0) m.cumsum(axis=1) xp.cumprod(u[:4],axis=0) xp.cumsum(k,axis=0) xp.cumsum(b,axis=1)
xp.nancumsum(n,axis=0) xp.nancumprod(n,axis=1) xp.average(m) xp.average(m,axis=0)
xp.average(m,weights=abs(k)+1) xp.average(m,axis=1,weights=abs(r[0])) xp.diff(v) xp.diff(m,axis=0)
xp.diff(k,n=2) xp.diff(b,axis=1) xp.dot(v,w) xp.dot(m,m.T) m.dot(v[:11]) m@m.T m@v[:11] v@w
xp.matmul(t,xp.transpose(t,(0,2,1))) xp.tensordot(m,k,axes=((0,1),(0,1))) xp.tensordot(m,t[0,:,0],0)
xp.tensordot(t,t,axes=([0,1],[0,1])) xp.outer(v,u) xp.vdot(c,c) xp.trace(m) xp.tril(m) xp.triu(m,1)
xp.diag(v) xp.diag(m[:,:7]) xp.diagonal(t,0,0,2) xp.cov(m) xp.corrcoef(m) xp.median(m,axis=0)
xp.nanmedian(n,axis=1) xp.digitize(v,np.array([-1,0,1])) xp.isin(w,[1,2,3]) xp.unique(w)
xp.nonzero(k)[0] xp.nonzero(k)[1] xp.argwhere(b) xp.flatnonzero(k) xp.extract(b,m) xp.take(v,[1,3])
xp.take(m,[2,0],axis=1) xp.compress(p,v) xp.compress([True,False,True],m,axis=0)
xp.histogram(v,bins=5,range=(-3,3))[0] xp.histogram(v,bins=np.array([-2,0,2]))[0]
xp.histogram(v,bins=4,range=(-3,3),density=True)[0] xp.apply_along_axis(np.sum,0,m)
xp.apply_along_axis(np.sort,1,m) xp.result_type(u,h) xp.ones_like(k) xp.zeros_like(m,dtype='i2')
xp.full_like(m,7) xp.ones((3,4)) xp.zeros(5,dtype='c16') xp.full((2,3),1.5) xp.full(4,True)
xp.arange(7) xp.arange(2,9,3) xp.arange(0,1,0.3) xp.arange(5,0,-1) xp.arange(5.0) xp.arange(0)
xp.arange(4,dtype='f4') xp.linspace(0,1,7) xp.linspace(0,5,11,endpoint=False) xp.linspace(1,2,1)
xp.eye(4) xp.eye(5,M=3,k=1) xp.eye(6,k=-2,dtype='i4') xp.tri(4,5,1) xp.indices((3,4))
xp.meshgrid(v[:3],u[:4])[0] xp.meshgrid(v[:3],u[:4],indexing='ij')[1]
xp.pad(v,2) xp.pad(m,((1,2),(0,3)),mode='edge') xp.pad(w,(2,1),constant_values=7) xp.pad(v,3,mode='reflect')
xp.percentile(m,50,axis=0) xp.quantile(m,0.3,axis=1) xp.bincount(abs(w)) xp.bincount(u,minlength=300)
xp.searchsorted(xp.cumsum(abs(v)),v) xp.insert(v,2,9.0,axis=0) xp.insert(m,[1,3],0,axis=1) xp.delete(v,[1,3],axis=0) xp.select([v>1,v<0],[v,w],0)
xp.choose(w%3,[v,w,v*2]) xp.ediff1d(v) xp.gradient(v[:12],axis=0) xp.gradient(t,2.0,axis=0) xp.gradient(m,axis=1) xp.einsum('ij,kj->ik',m,k)
xp.einsum('ij->j',m) xp.einsum('ii',m[:,:7]) xp.piecewise(v,[v<0,v>=0],[-1,1]) xp.shape(m) xp.ndim(t)
xp.union1d(w,u) xp.ravel_multi_index((abs(w)%3,abs(w)%5),(3,5)) xp.unravel_index(abs(w),(3,5))[1]
xp.broadcast_arrays(r,q)[0] xp.broadcast_arrays(r,q)[1] xp.apply_over_axes(np.sum,m,[0]) xp.nanquantile(n,0.5,axis=0)
xp.tril_indices(4)[0] xp.triu_indices(4)[1] xp.histogram2d(v,w*1.0,bins=3,range=((-3,3),(-9,9)))[0]
xp.linalg.norm(m) xp.linalg.norm(m,axis=0) xp.fft.fft(v.rechunk(-1)if'rechunk'in(dir(v))else(v))
""".split()


def cases() -> list[str]:
    """All expressions."""
    found = [f"xp.{f}({a})" for f in _UNARY for a in ("m",)]
    found += [f"xp.{f}(k)" for f in "abs sin negative square sign isnan logical_not exp".split()]
    found += [f"xp.{f}(u)" for f in "abs sin sqrt square sign exp2 floor negative".split()]
    found += [f"xp.{f}(t)" for f in "exp tanh floor sqrt log1p cbrt".split()]
    found += [f"xp.{f}(h)" for f in "exp tanh floor abs sin".split()]
    found += [f"xp.{f}(c)" for f in "abs angle conj exp sqrt sin isnan real imag square".split()]
    found += [f"xp.{f}(b)" for f in "logical_not invert abs sin isnan".split()]
    found += [f"xp.{f}(abs(m)+1.5)" for f in _POSITIVE]
    found += [f"xp.{f}(m,r)" for f in _BINARY] + [f"xp.{f}(k,q)" for f in _BINARY]
    found += [f"xp.{f}(m,0.5)" for f in _BINARY] + [f"xp.{f}(k,b)" for f in _INTEGER]
    found += [f"xp.{f}({a})" for f in _REDUCE for a in "vmktbuhzr"]
    found += [f"xp.{f}({a},axis=0)" for f in _REDUCE for a in "mktb"]
    found += [f"m.{f}(axis=1)" for f in _REDUCE] + [f"t.{f}(axis=-1)" for f in _REDUCE]
    found += [f"t.{f}(axis=(0,2))" for f in _REDUCE if "arg" not in f]
    found += [f"xp.{f}(m,axis=1,keepdims=True)" for f in _REDUCE]
    found += [f"xp.{f}(c)" for f in "sum prod mean var std any all".split()]
    found += [f"xp.{f}({a})" for f in _NANREDUCE for a in ("n", "k", "t")]
    found += [f"xp.{f}(n,axis={a})" for f in _NANREDUCE for a in (0, 1)]
    found += [f"xp.{f}(n[3:],axis=0)" for f in ("nanargmin", "nanargmax")]
    found += [
        f"xp.{f}(n)" for f in "sum min max mean argmin argmax std nanargmin nanargmax".split()
    ]
    found += [f"xp.{f}(e)" for f in "sum prod any all".split()]
    found += [f"xp.{f}(e,axis=0)" for f in "sum prod any all mean".split()]
    found += [f"xp.{f}(d)" for f in "min max".split()] + ["d.min()", "d.argmax()"]
    found += ["m.sum(dtype='f4')", "u.sum(dtype='u1')", "k.mean(dtype='f4')", "m.var(ddof=1)"]
    found += ["m.std(axis=0,ddof=1)", "xp.var(k,axis=0,ddof=2)", "b.mean()", "b.sum(axis=1)"]
    return found + _INDEXING + _SHAPING + _JOINING + _ARITHMETIC + _OTHER


CASES = list(dict.fromkeys(cases()))
